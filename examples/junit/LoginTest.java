import static org.junit.Assert.assertEquals;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TestRule;

/**
 * FOB_ADDRESS names a running fob (`fob face --qa`) that holds the tokens QA-TIME-1 to QA-TIME-6,
 * imported with the seed of RFC 6238's own tests. Each test has a token of its own.
 */
public class LoginTest {
    private static final byte[] SEED = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

    private Fob token;
    private final Login login = new Login(SEED);

    @Rule public final TestRule lcd = new LcdOfFailure(() -> token);

    private String signIn(String code) {
        return login.signIn(code, Instant.now().getEpochSecond());
    }

    private Fob inHand(int number) {
        token = new Fob(System.getenv("FOB_ADDRESS"), "QA-TIME-" + number);
        token.reset();
        return token;
    }

    @Test
    public void aGoodLogin() {
        assertEquals("Welcome", signIn(inHand(1).press()));
    }

    @Test
    public void aCodeIsUsedTwice() {
        String code = inHand(2).press();
        assertEquals("Welcome", signIn(code));
        assertEquals("This code was used already", signIn(code));
    }

    @Test
    public void itsClockIsTenMinutesLate() {
        inHand(3).inject("clockOffset", "{\"seconds\": -600}");
        assertEquals("Wrong code", signIn(token.press()));
    }

    @Test
    public void itsBatteryDies() {
        inHand(4).inject("err", "{}");
        assertEquals("Err", token.press());
        assertEquals("A code is six digits", signIn(token.display()));
    }

    @Test
    public void fiveWrongCodesLockTheAccountAndNotTheToken() {
        inHand(5).inject("clockOffset", "{\"seconds\": -600}");
        String late = token.press();
        for (int tries = 0; tries < 5; tries++) assertEquals("Wrong code", signIn(late));
        assertEquals("Locked: call the helpdesk", signIn(late));
        assertEquals("showing", token.state());
    }
}
