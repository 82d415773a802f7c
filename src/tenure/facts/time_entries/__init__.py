"""People's time: intervals come in, weekly totals go on, and nothing finer leaves the memory.

Imports kernel and facts. Does not promise that a category is right: it is as good as the words declared.
"""
