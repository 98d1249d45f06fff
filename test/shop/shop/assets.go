package shop

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/facet-bff/facet/test/shop/internal/rest"
)

const imageSize = 640 // width and height of a product's image

// productImage draws /assets/products/p1-1.svg, if the product has that image.
func (c *catalog) productImage(w http.ResponseWriter, r *http.Request) error {
	file := r.PathValue("file")
	id, _, _ := strings.Cut(file, "-")
	for _, img := range c.byID[id].Images {
		if img.Path == "/assets/products/"+file {
			return serveImage(w, r, draw(file, img.Alt, c.byID[id].Brand, imageSize, imageSize))
		}
	}
	return rest.NotFound("image", file)
}

// promotionImage draws the banner /assets/promotions/1.svg.
func (c *catalog) promotionImage(w http.ResponseWriter, r *http.Request) error {
	file := r.PathValue("file")
	number, svg := strings.CutSuffix(file, ".svg")
	n, err := strconv.Atoi(number)
	if err != nil || !svg || n < 1 || n > promotionCount {
		return rest.NotFound("image", file)
	}
	return serveImage(w, r, draw(file, "Promotion "+number, "Facet Shop", 1200, 400))
}

// draw makes an SVG whose colours depend on the file's name.
func draw(file, alt, text string, width, height int) []byte {
	h := fnv.New32a()
	h.Write([]byte(file))
	hue := h.Sum32() % 360
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">`,
		width, height)
	fmt.Fprintf(&b, `<title>%s</title>`, html.EscapeString(alt))
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="hsl(%d 45%% 88%%)"/>`, hue)
	fmt.Fprintf(&b, `<circle cx="50%%" cy="46%%" r="%d" fill="hsl(%d 50%% 45%%)"/>`, height/4, hue)
	fmt.Fprintf(&b, `<text x="50%%" y="88%%" text-anchor="middle" font-family="sans-serif" `+
		`font-size="%d" fill="hsl(%d 40%% 25%%)">%s</text></svg>`, height/14, hue, html.EscapeString(text))
	return b.Bytes()
}

// serveImage leaves HEAD, conditional and range requests to net/http.
func serveImage(w http.ResponseWriter, r *http.Request, svg []byte) error {
	h := fnv.New64a()
	h.Write(svg)
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, h.Sum64()))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(svg))
	return nil
}
