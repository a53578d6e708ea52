import static org.junit.Assert.assertEquals;

import java.time.Instant;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TestRule;

/** Run by name: shows what the report of a failed test carries. */
public class FailingOnPurpose {
    private final Fob token = new Fob(System.getenv("FOB_ADDRESS"), "QA-TIME-6");

    @Rule public final TestRule lcd = new LcdOfFailure(() -> token);

    @Test
    public void nobodyCanSignIn() {
        token.inject("err", "{}");
        Login login = new Login("12345678901234567890".getBytes());
        assertEquals("Welcome", login.signIn(token.press(), Instant.now().getEpochSecond()));
    }
}
