import pytest


def test_a_good_login(token, sign_in):
    assert sign_in(token.press()) == "Welcome"


def test_a_code_is_used_twice(token, sign_in):
    code = token.press()
    assert sign_in(code) == "Welcome"
    assert sign_in(code) == "This code was used already"


def test_its_clock_is_ten_minutes_late(token, sign_in):
    token.inject("clockOffset", seconds=-600)
    code = token.press()
    assert len(code) == 6, "it looks perfect: only the server can tell"
    assert sign_in(code) == "Wrong code"


def test_its_battery_dies(token, sign_in):
    token.inject("err")
    assert token.press() == "Err"
    assert sign_in("Err") == "A code is six digits"


def test_its_button_is_dead(token, sign_in):
    token.inject("buttonDead")
    assert token.press() == ""
    assert token.state == "asleep"


def test_five_wrong_codes_lock_the_account_and_not_the_token(token, sign_in):
    token.inject("clockOffset", seconds=-600)
    late = token.press()
    for _ in range(5):
        assert sign_in(late) == "Wrong code"
    assert sign_in(late) == "Locked: call the helpdesk"
    assert token.state == "showing"


@pytest.mark.event_token
def test_pressed_in_a_pocket_it_runs_ahead(token, sign_in):
    for _ in range(15):
        token.press()
    assert sign_in(token.press()) == "Wrong code"
