"""Run by name, `pytest failing_on_purpose.py --junit-xml report.xml`: see what its report carries."""


def test_nobody_can_sign_in(token, sign_in):
    token.inject("err")
    assert sign_in(token.press()) == "Welcome"
