package faults_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/facet-bff/facet/test/shop/faults"
)

func Example() {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "hello "+r.PathValue("name"))
	})
	set, calls := faults.NewSet("greeter"), &faults.Calls{}
	greeter := calls.Count("greeter", routes, set.Inject("greeter", routes))
	control := faults.Control(set, calls)

	ask := func(h http.Handler, method, path, body string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		fmt.Println(w.Code, w.Body)
	}
	ask(greeter, "GET", "/hello/ada", "")
	ask(control, "PUT", "/faults/greeter", `{"status":404}`)
	ask(greeter, "GET", "/hello/ada", "")
	ask(control, "GET", "/calls", "")
	// Output:
	// 200 hello ada
	// 200 {"faults":{"greeter":{"status":404}}}
	// 404 {"error":"refused by an injected fault"}
	// 200 {"total":2,"calls":[{"service":"greeter","method":"GET","pattern":"/hello/{name}","count":2}]}
}
