"""The running product under load: a stack of its own, people who are signed in, and requests that come when they come.

The load is open: a request is sent at its moment whether or not the ones before it were answered, as people do.
"""
