package idp

import (
	"context"
	"html/template"
	"net/http"
)

const loginPath = "/login"

// login is the page where the authorization request waits for a password.
type login struct {
	store    *store
	callback func(ctx context.Context, request string) string
}

func (l login) ask(w http.ResponseWriter, r *http.Request) {
	l.page(w, http.StatusOK, r.FormValue("request"), "")
}

func (l login) check(w http.ResponseWriter, r *http.Request) {
	request := r.PostFormValue("request")
	err := l.store.CheckUsernamePassword(r.PostFormValue("user"), r.PostFormValue("password"), request)
	if err != nil {
		l.page(w, http.StatusUnauthorized, request, "Wrong name or password, or this login has expired.")
		return
	}
	http.Redirect(w, r, l.callback(r.Context(), request), http.StatusSeeOther)
}

func (login) page(w http.ResponseWriter, status int, request, problem string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = loginPage.Execute(w, map[string]string{ // fails only when the client has left
		"Action": loginPath, "Request": request, "Problem": problem, "Password": Password,
	})
}

var loginPage = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Log in to the demo shop</title>
<style>
body { font: 1rem/1.5 system-ui; max-width: 22rem; margin: 4rem auto; padding: 0 1rem }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
input, button { padding: .5rem; margin: .25rem 0 1rem }
</style>
<h1>Demo shop</h1>
{{with .Problem}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="{{.Action}}">
<input type="hidden" name="request" value="{{.Request}}">
<label for="user">User id or e-mail</label>
<input id="user" name="user" value="u1" autocomplete="username" required autofocus>
<label for="password">Password (it is “{{.Password}}”)</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Log in</button>
</form>
</html>
`))
