package pack

import "testing"

// Whatever is read, the reader ends, and has not both failed and read all.
func FuzzReader(f *testing.F) {
	f.Add([]byte{})
	f.Add(AppendFlags(AppendText(nil, "text"), true))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		var flag bool
		_, _, _, _, _ = r.Uint(), r.Int(), r.Count(), r.Bytes(), r.Text()
		if r.Flags(&flag); r.failed && r.Done() {
			t.Error("done, and failed")
		}
	})
}
