"""Stand-ins for the gateways outside Kairan, over real HTTP and SMTP and with a memory: mail and SMS land in an outbox,
Stripe sells subscriptions. One process; it knows nothing of Kairan's code."""
