// SPDX-License-Identifier: MIT
// connection|client URL [FILE]: gets it, or posts the file, by the one or the
// other of Java's HTTP clients; writes the answer's body.

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

public class Fetch {
	public static void main(String[] args) throws Exception {
		Path file = args.length > 2 ? Path.of(args[2]) : null;
		byte[] body = args[0].equals("connection")
			? byConnection(args[1], file) : byClient(args[1], file);
		System.out.write(body);
		System.out.flush();
	}

	private static byte[] byConnection(String url, Path file)
			throws IOException {
		HttpURLConnection connection =
			(HttpURLConnection) new URL(url).openConnection();
		connection.setReadTimeout(30000);
		if (file != null) {
			connection.setDoOutput(true);
			connection.setFixedLengthStreamingMode(Files.size(file));
			try (OutputStream out = connection.getOutputStream()) {
				Files.copy(file, out);
			}
		}
		try (InputStream in = connection.getInputStream()) {
			return in.readAllBytes();
		}
	}

	private static byte[] byClient(String url, Path file) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
		if (file != null)
			request.POST(HttpRequest.BodyPublishers.ofFile(file));
		HttpResponse<byte[]> reply = HttpClient.newHttpClient().send(
			request.build(), HttpResponse.BodyHandlers.ofByteArray());
		if (reply.statusCode() != 200)
			throw new IOException("status " + reply.statusCode());
		return reply.body();
	}
}
