import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One token behind fob's control API, pressed and broken over HTTP. */
final class Fob {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String address;
    private final String path;

    /** @param address what {@code fob face} prints, with the access token in it */
    Fob(String address, String serial) {
        this.address = address.endsWith("/") ? address : address + "/";
        this.path = "v1/tokens/" + serial;
    }

    /** Presses the button; what can then be read off the display. */
    String press() {
        return textOf("display", call("POST", path + "/press", "{}"));
    }

    String display() {
        return textOf("display", call("GET", path, null));
    }

    String state() {
        return textOf("state", call("GET", path, null));
    }

    /** @param attributes as a JSON object: {@code {"seconds": -600}} */
    void inject(String fault, String attributes) {
        call("PUT", path + "/faults/" + fault, "{\"attributes\": " + attributes + "}");
    }

    void reset() {
        call("DELETE", path + "/faults", null);
    }

    /** The whole token as PNG. */
    byte[] screenshot() {
        return send("GET", path + "/screenshot?format=png&part=fob", null);
    }

    private String call(String method, String where, String json) {
        return new String(send(method, where, json), java.nio.charset.StandardCharsets.UTF_8);
    }

    private byte[] send(String method, String where, String json) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + where))
                        .timeout(Duration.ofSeconds(10))
                        .method(
                                method,
                                json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (json != null) request.header("content-type", "application/json");
        try {
            HttpResponse<byte[]> answer = HTTP.send(request.build(), BodyHandlers.ofByteArray());
            if (answer.statusCode() < 300) return answer.body();
            throw new IllegalStateException(
                    answer.statusCode() + " " + where + ": " + new String(answer.body()));
        } catch (IOException error) {
            throw new IllegalStateException("fob cannot be reached", error);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(error);
        }
    }

    /** A text member of the answer: what is asked for here has no escapes. */
    private static String textOf(String member, String json) {
        Matcher found = Pattern.compile("\"" + member + "\":\\s*\"([^\"]*)\"").matcher(json);
        if (found.find()) return found.group(1);
        throw new IllegalStateException("The answer has no text " + member);
    }
}
