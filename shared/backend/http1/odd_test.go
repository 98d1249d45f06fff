package http1_test

// odd are answers each of which has one odd place.
func odd() (texts []string) {
	for _, status := range []string{
		"HTTP/1.0 200 OK", "HTTP/1.1 200 ", "HTTP/1.1  200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 099 x", "HTTP/1.1 600 x", "http/1.1 200 OK",
		"HTTP/1.2 200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK", "HTTP/1.1 -20 OK", "HTTP/1.1 +20 OK", "HTTP/1.1 2x0 OK", "HTTP/01.1 200 OK",
		"HTTP/1.01 200 OK", "HTTP/1.1 205 R", "HTTP/1.1 199 x\r\n\r\nHTTP/1.1 200 OK", "\r\nHTTP/1.1 200 OK", " HTTP/1.1 200 OK", "HTTP/1.1 200 O\x00K",
		"HTTP/1.1 200 O\x7fK", "HTTP/1.1 200 O\xffK", "HTTP/1.1 200 OK\r", "HTTP/1.1 103 x\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK",
		"HTTP/1.1 103 x\r\nConnection: close\r\n\r\nHTTP/1.1 200 OK",
	} {
		texts = append(texts, status+"\r\nContent-Length: 2\r\n\r\nok")
	}
	for _, line := range []string{
		"Content-Length: 2\r\nContent-Length: 2", "Content-Length: 0x2", "Content-Length:\t2 ", "Content-Length: ", "Content-Length: 02",
		"Content-Length: 1_0", "Content-Length: 2\x0b", "Content-Length: \xa02", "Content-Length: 9223372036854775808", "Transfer-Encoding: Chunked",
		"Transfer-Encoding:\tchunked ", "Transfer-Encoding: chunked,", "Transfer-Encoding: identity", "Transfer-Encoding: chunked, chunked",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
		"Transfer-Encoding: \x0bchunked", "Transfer-Encoding: ", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked;q=1",
		"Transfer_Encoding: chunked", "Transfer-Encoding : chunked", "Connection: keep-alive\r\nConnection: close", "Connection: closed",
		"Connection: \"close\"", "connection: a,close", "X: a\r\n\tb", ": x", "X", "X: a\r\r", "X Y: a", "X\x00: a", "Trailer: X", "Trailer: Trailer",
		"X: \xc3\xa9", "\xef\xbb\xbfX: a", "Pragma: no-cache", "x-lower: a\r\nX-LOWER: b", "Upgrade: h2c\r\nConnection: upgrade",
	} {
		texts = append(texts, "HTTP/1.1 200 OK\r\n"+line+"\r\n\r\n2\r\nok\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"+line+"\r\n\r\nok")
	}
	for _, chunks := range []string{
		"2\r\nok\r\n0\r\n\r\nextra", " 2\r\nok\r\n0\r\n\r\n", "-2\r\nok\r\n0\r\n\r\n", "0x2\r\nok\r\n0\r\n\r\n", "2;x=\"\r\n\"\r\nok\r\n0\r\n\r\n", "2;\x00\r\nok\r\n0\r\n\r\n",
		"2\r\nok\r\n0\r\nContent-Length: 5\r\n\r\n", "2\r\nok\r\n0\r\n X: y\r\n\r\n", "2\r\nok\r\n0\r\nX: a\r\n b\r\n\r\n", "2\r\nok\r\n0\r\nX: \x01\r\n\r\n",
		"2\r\nok\r\n0\r\nX: y\n\r\n", "2\r\nok\r\n00\r\n\r\n", "2\r\nok\r\n0;x\r\n\r\n", "2\r\nok\r\n\r\n0\r\n\r\n", "2\r\nok0\r\n\r\n", "2\r\nokX\n0\r\n\r\n",
		"0000000000000002\r\nok\r\n0\r\n\r\n", "2\r\nok\r\n0\r\n", "2\r\nok\r\n0\r\n\r", "2\r\r\nok\r\n0\r\n\r\n", "\r\n2\r\nok\r\n0\r\n\r\n", "2\t;\r\nok\r\n0\r\n\r\n",
		"2\x0b\r\nok\r\n0\r\n\r\n", "7fffffffffffffff\r\nok\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFE\r\nok\r\n0\r\n\r\n",
	} {
		texts = append(texts, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+chunks)
	}
	return texts
}
