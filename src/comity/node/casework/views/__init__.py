"""The pages of casework. A view parses, authorises, calls one act and renders; it changes nothing itself."""
