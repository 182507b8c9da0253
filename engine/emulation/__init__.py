"""The vendor's side of a webhook, in virtual time: what it sends, when it tries again, and when it gives up.

Pure: the receiver is a function, and time is a number that jumps to whatever is due next. What differs between vendors
is in their folders: ``limits`` of the manifest, the samples, the way to sign, and ``sender.yaml``.
"""
