"""A double of Stripe: the part of its API, hosted pages and webhooks that selling subscriptions needs, with a memory.

Object shapes (shapes.json) come from the fixtures Stripe publishes with its OpenAPI description; see NOTICE here.
"""
