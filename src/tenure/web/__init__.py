"""The pages: who asks, one question or verb of the desk, one template.

May import the desk, reports and insights; never another face. A view holds no number of its own.
"""
