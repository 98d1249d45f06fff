package shape

// appendCamel appends a name in camel case.
func appendCamel(dst, name []byte) []byte {
	for i, c := range name {
		if c == '_' && i > 0 && i+1 < len(name) && isWord(name[i-1]) && (isLower(name[i+1]) || isDigit(name[i+1])) {
			continue
		}
		if i > 1 && isLower(c) && name[i-1] == '_' && isWord(name[i-2]) {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isWord(c byte) bool  { return isLower(c) || isDigit(c) || 'A' <= c && c <= 'Z' }

// appendQuoted appends a name, which is UTF-8, as a JSON string.
func appendQuoted[T string | []byte](dst []byte, name T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
