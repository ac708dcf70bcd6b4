"""Tables of downstream tasks, as Markdown.

what `examine` keeps of one exam -> tables of tasks, templates, few clips, retrieval
"""


def exam_section(results: dict) -> str:
    return ""
