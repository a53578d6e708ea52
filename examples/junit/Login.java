import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What is tested here: a login with a one-time code of a time token (RFC 6238). */
final class Login {
    private static final int WRONG_MAX = 5;
    private static final long STEP_SECONDS = 30;

    private final byte[] seed;
    private long lastStep = -1;
    private int wrongInRow = 0;

    Login(byte[] seed) {
        this.seed = seed.clone();
    }

    String signIn(String code, long unixSeconds) {
        if (!code.matches("[0-9]{6}")) return "A code is six digits";
        if (wrongInRow >= WRONG_MAX) return "Locked: call the helpdesk";
        long now = unixSeconds / STEP_SECONDS;
        for (long step = now - 1; step <= now + 1; step++) {
            if (!MessageDigest.isEqual(codeOf(step).getBytes(), code.getBytes())) continue;
            if (step <= lastStep) return "This code was used already";
            lastStep = step;
            wrongInRow = 0;
            return "Welcome";
        }
        wrongInRow++;
        return "Wrong code";
    }

    /** RFC 4226 section 5.3. */
    private String codeOf(long step) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(seed, "HmacSHA1"));
            byte[] hash = mac.doFinal(ByteBuffer.allocate(8).putLong(step).array());
            int number = ByteBuffer.wrap(hash).getInt(hash[hash.length - 1] & 0x0f) & 0x7fffffff;
            return String.format("%06d", number % 1_000_000);
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }
}
