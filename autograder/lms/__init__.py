"""Work in and grades out, where a learning management system stands between.

Archives and rosters of Canvas and Moodle become submissions, the gradebook becomes their sheets.
It knows files as other programs write them, and the gradebook; it grades nothing.
"""
