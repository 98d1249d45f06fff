package pack_test

import (
	"encoding/binary"
	"fmt"

	"github.com/facet-bff/facet/shared/cache/pack"
)

func ExampleReader() {
	b := pack.AppendText(nil, "lamp")
	b = binary.AppendUvarint(b, 3)
	b = pack.AppendFlags(b, true, false)

	r := pack.NewReader(b)
	var sold, last bool
	name, left := r.Text(), r.Uint()
	r.Flags(&sold, &last)
	fmt.Println(name, left, sold, last, r.Done())

	r = pack.NewReader(b[:3]) // cut off
	fmt.Printf("%q %v\n", r.Text(), r.Done())
	// Output:
	// lamp 3 true false true
	// "" false
}
