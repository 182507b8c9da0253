"""Find out what nobody wrote down: how a captured request is signed, and which connector it belongs to.

Pure: a request and a secret in, plain data out. Nothing here decides about a delivery; a person does.
"""
