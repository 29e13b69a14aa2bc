"""The dialogue of the two sides about a request: who may say what when, how it is said, how it is heard.

Receives an act's words and an arriving letter; returns the letter written and the case changed; never
decides what the law asks (that is the opinion's) and never judges what the other side says.
"""
