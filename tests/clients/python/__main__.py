"""The clients in Python: ``python tests/clients/python`` answers the tests on standard input and output."""

import senders
import vendors_a_to_l
import vendors_m_to_z
from frame import serve

#: Importing them registered their entries.
ENTRIES = (senders, vendors_a_to_l, vendors_m_to_z)

serve()
