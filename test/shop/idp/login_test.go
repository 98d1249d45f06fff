package idp_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/facet-bff/facet/test/shop/idp"
)

const callback = "http://127.0.0.1:8082/auth/callback"

// browser follows no redirect by itself.
var browser = http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}}

// authorize begins a login with PKCE and returns the id of the waiting request.
func authorize(t *testing.T, issuer, verifier string) string {
	t.Helper()
	challenge := sha256.Sum256([]byte(verifier))
	response, err := browser.Get(issuer + "/authorize?" + url.Values{
		"client_id": {idp.WebClient}, "redirect_uri": {callback}, "response_type": {"code"},
		"scope": {"openid profile offline_access orders:write"}, "state": {"s1"}, "nonce": {"n1"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	_, body := read(t, response)
	to, err := response.Location()
	if err != nil || to.Path != "/login" {
		t.Fatalf("authorize: %d to %v: %s", response.StatusCode, to, body)
	}
	if status, page := get(t, to.String()); status != 200 || !strings.Contains(page, to.Query().Get("request")) {
		t.Fatalf("login page: %d %s", status, page)
	}
	return to.Query().Get("request")
}

func post(t *testing.T, to string, form url.Values) (int, string) {
	t.Helper()
	response, err := browser.PostForm(to, form)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func TestLogin(t *testing.T) {
	issuer, verifier := start(t), strings.Repeat("v", 64)
	request := authorize(t, issuer, verifier)
	response, err := browser.PostForm(issuer+"/login", url.Values{
		"user": {"grace@example.com"}, "password": {idp.Password}, "request": {request},
	})
	if err != nil {
		t.Fatal(err)
	}
	read(t, response)
	next, err := response.Location()
	if err != nil {
		t.Fatal(err)
	}
	response, err = browser.Get(next.String())
	if err != nil {
		t.Fatal(err)
	}
	read(t, response)
	back, err := response.Location()
	if err != nil || !strings.HasPrefix(back.String(), callback) || back.Query().Get("state") != "s1" {
		t.Fatalf("came back to %v, %v", back, err)
	}
	_, body := post(t, issuer+"/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "redirect_uri": {callback},
		"client_id": {idp.WebClient}, "client_secret": {idp.WebSecret}, "code_verifier": {verifier},
	})
	tokens := decode[map[string]any](t, body)
	access, _ := tokens["access_token"].(string)
	if got, _ := verify(t, issuer, access); got.Subject != "u2" || !slices.Contains(got.Roles, "support") ||
		!strings.Contains(got.Scope, "orders:write") {
		t.Errorf("access token %+v", got)
	}
	id, _ := tokens["id_token"].(string)
	if got, _ := verify(t, issuer, id); got.Subject != "u2" || got.Nonce != "n1" {
		t.Errorf("id token %+v", got)
	}
	expectRefresh(t, issuer, tokens["refresh_token"])
}

func expectRefresh(t *testing.T, issuer string, token any) {
	t.Helper()
	refresh, _ := token.(string)
	status, body := post(t, issuer+"/oauth/token", url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refresh},
		"client_id": {idp.WebClient}, "client_secret": {idp.WebSecret},
	})
	if status != 200 || !strings.Contains(body, `"access_token"`) {
		t.Errorf("refresh: %d %s", status, body)
	}
}

func TestLoginRefusesWrongPassword(t *testing.T) {
	issuer := start(t)
	request := authorize(t, issuer, strings.Repeat("w", 64))
	status, page := post(t, issuer+"/login", url.Values{
		"user": {"u2"}, "password": {"guess"}, "request": {request},
	})
	if status != http.StatusUnauthorized || !strings.Contains(page, `role="alert"`) {
		t.Errorf("got %d %s", status, page)
	}
}
