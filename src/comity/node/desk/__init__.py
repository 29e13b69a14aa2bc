"""The 24/7 desk: what came in, what is due, what waits for others, and who is on duty.

Receives officials, the cases they may see and moments; returns lists for pages, shifts with their logs,
hand-over notes, acknowledgements, referrals and trainings. It moves no case and sends no letter.
"""
