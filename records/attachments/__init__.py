"""What can be told of an attachment from its bytes alone: hash, type, length, a small picture, a scanner's verdict.

Nothing here knows Django, a database or a file's owner. Every byte is hostile until shown otherwise.
"""
