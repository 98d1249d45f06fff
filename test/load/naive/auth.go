package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"

	"github.com/facet-bff/facet/test/load/token"
)

// authenticate verifies the bearer token of every request, with keys from a directory.
func authenticate(dir string) (echo.MiddlewareFunc, error) {
	rsaPEM, err := os.ReadFile(filepath.Join(dir, token.RSAFile))
	if err != nil {
		return nil, err
	}
	ecPEM, err := os.ReadFile(filepath.Join(dir, token.ECFile))
	if err != nil {
		return nil, err
	}
	rsaKey, err := jwt.ParseRSAPublicKeyFromPEM(rsaPEM)
	if err != nil {
		return nil, err
	}
	ecKey, err := jwt.ParseECPublicKeyFromPEM(ecPEM)
	if err != nil {
		return nil, err
	}
	key := func(t *jwt.Token) (any, error) {
		switch t.Method.Alg() {
		case "RS256":
			return rsaKey, nil
		case "ES256":
			return ecKey, nil
		}
		return nil, fmt.Errorf("algorithm %s", t.Method.Alg())
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			raw, ok := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
			if !ok {
				return echo.ErrUnauthorized
			}
			parsed, err := jwt.Parse(raw, key, jwt.WithValidMethods([]string{"RS256", "ES256"}))
			if err != nil {
				return echo.ErrUnauthorized
			}
			c.Set("user", parsed)
			return next(c)
		}
	}, nil
}
