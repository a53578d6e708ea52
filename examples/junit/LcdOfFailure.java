import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.rules.TestWatcher;
import org.junit.runner.Description;

/** Of a failed test the report carries the LCD, as CI servers attach files to JUnit reports. */
final class LcdOfFailure extends TestWatcher {
    private final Supplier<Fob> token;

    LcdOfFailure(Supplier<Fob> token) {
        this.token = token;
    }

    @Override
    protected void failed(Throwable error, Description test) {
        try {
            Path folder = Files.createDirectories(
                    Path.of(System.getenv().getOrDefault("LCD_FOLDER", "test-results")));
            Path picture = folder.resolve(test.getMethodName() + ".lcd.png");
            Files.write(picture, token.get().screenshot());
            System.out.println("[[ATTACHMENT|" + picture.toAbsolutePath() + "]]");
        } catch (IOException | IllegalStateException problem) {
            // The test's own failure is what counts.
            System.out.println("No picture of the LCD: " + problem.getMessage());
        }
    }
}
