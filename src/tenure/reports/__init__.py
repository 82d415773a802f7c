"""What leaves Tenure for people: charts of results, and the files they are drawn into.

`charts` are pure functions from a result to a Vega-Lite spec, `writers` draw a spec. Imports the standard library,
tenure.kernel, tenure.signals and tenure.insights; the drawing library (extra `reports`) only when something is drawn.
Does not promise that a chart shows more than its result knows: a refusal is words and no chart.
"""
