"""The embedded development stack: real PostgreSQL, Valkey and S3 servers from Python wheels, and stand-ins for the
outside gateways, all on loopback and in one folder. `python -m infra.dev run` is the way in."""
