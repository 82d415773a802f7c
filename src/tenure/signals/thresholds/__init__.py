"""Lines learned from what happened: does a metric separate, where is the break, how sure, is it worth an alert.

One file per step, in the order in which the learner takes them: `bins`, `separation`, `cuts`, `second_cut`,
`gradual`, `band`, `shape`, `cut_interval`, `rounding`, `zones`, `objectives`, `screens`, `twins`, `holdout`;
`learner` walks through them, `learned` is what comes out and `sentences` says it.
"""
