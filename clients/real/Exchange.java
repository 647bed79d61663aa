import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Java's HttpClient with its default settings: it requests an upgrade to h2c with every request over plain HTTP. */
class Exchange {
    static final String URL = System.getenv("EXCHANGE_URL");
    static final String TOKEN = "Bearer " + System.getenv("EXCHANGE_TOKEN");
    static final String VIEWER = "{\"query\": \"{ viewer { name } }\"}";
    static final String OFFERS = "{\"query\": \"subscription($after: ID) { myOffers(after: $after) { type } }\", \"variables\": {\"after\": \""
        + System.getenv("EXCHANGE_AFTER") + "\"}}";

    static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(URL + path)).header("Authorization", TOKEN);
    }

    static HttpRequest post(String body, String accept) {
        return request("/graphql").header("Content-Type", "application/json").header("Accept", accept)
            .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    static String body(HttpRequest request) throws Exception {
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    /** Keeps the texts that come. */
    static class Listener implements WebSocket.Listener {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            return WebSocket.Listener.super.onText(socket, data, last);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            heard.add(status + " " + reason);
            return null;
        }

        String next() throws Exception {
            return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
        }
    }

    static String converse() throws Exception {
        var listener = new Listener();
        var socket = HttpClient.newHttpClient().newWebSocketBuilder().subprotocols("graphql-transport-ws")
            .buildAsync(URI.create(URL.replaceFirst("http", "ws") + "/graphql"), listener).get(20, TimeUnit.SECONDS);
        socket.sendText("{\"type\": \"connection_init\", \"payload\": {\"Authorization\": \"" + TOKEN + "\"}}", true).join();
        var acknowledged = listener.next();
        socket.sendText("{\"type\": \"subscribe\", \"id\": \"1\", \"payload\": " + VIEWER + "}", true).join();
        return acknowledged + listener.next();
    }

    static String firstEvent() throws Exception {
        var response = HttpClient.newHttpClient().send(post(OFFERS, "text/event-stream"), BodyHandlers.ofLines());
        return response.body().filter(line -> line.startsWith("data:")).findFirst().orElse("nothing");
    }

    static void play(String what, Callable<String> scenario, String expected) {
        String fault = null;
        try {
            var seen = scenario.call();
            if (!seen.contains(expected)) fault = seen;
        } catch (Exception failure) {
            fault = failure.toString();
        }
        var told = fault == null ? "null" : "\"" + fault.replaceAll("[\"\\\\\n]", "'") + "\"";
        System.out.println("{\"client\": \"Java HttpClient\", \"what\": \"" + what + "\", \"fault\": " + told + "}");
    }

    public static void main(String[] arguments) {
        var viewer = "\"name\":\"ann\"";
        play("REST", () -> body(request("/games").timeout(Duration.ofSeconds(20)).build()), "\"games\"");
        play("query", () -> body(post(VIEWER, "*/*")), viewer);
        play("query by GET", () -> body(request("/graphql?query=%7Bviewer%7Bname%7D%7D").build()), viewer);
        play("subscription", Exchange::firstEvent, "CREATED");
        play("WebSocket", Exchange::converse, viewer);
        System.exit(0);
    }
}
