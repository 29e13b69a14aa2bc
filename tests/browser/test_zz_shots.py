import os
from tests.browser.conftest import set_language
def test_shots(visit, node):
    os.makedirs("/tmp/shots", exist_ok=True)
    wide, phone = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
    wanted = os.environ.get("SHOTS", "").split(";") if os.environ.get("SHOTS") else [
        "law|/law/|en|w","inst|/law/uncc/|ru|w","art42|/law/uncc:art_42|en|w","art42p|/law/uncc:art_42|kk|p","art40|/law/uncc:art_40|ru|w",
        "search|/law/search?q=өтініштен бас тарту|kk|w","searchp|/law/search?q=өтініш|kk|p","topic|/law/topics/confidentiality/|en|w","topicp|/law/topics/languages/|kk|p","topics|/law/topics/|ru|w","instp|/law/uncac/|kk|p"]
    for one in wanted:
        name, address, language, size = one.split("|")
        page = visit("dana", viewport=wide if size == "w" else phone)
        set_language(page, language)
        page.goto(address)
        page.screenshot(path=f"/tmp/shots/{name}.png", full_page=False)
        page.screenshot(path=f"/tmp/shots/{name}_full.png", full_page=True, clip={"x":0,"y":0,"width":page.viewport_size["width"],"height":2400})
        print(page.complaints)
