package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"
)

type backends struct{ client *http.Client }

func (b *backends) get(ctx context.Context, service int, path string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", 19500+service, path), nil)
	if err != nil {
		return err
	}
	res, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

func (b *backends) home(ctx context.Context, timing, id string) (*Home, error) {
	var h Home
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return b.get(ctx, 1, timing+"/users/"+id, &h.User) })
	g.Go(func() error { return b.get(ctx, 4, timing+"/inventory/"+id, &h.Inventory) })
	g.Go(func() error { return b.get(ctx, 3, timing+"/products/"+id, &h.Product) })
	g.Go(func() error { return b.get(ctx, 2, timing+"/orders/"+id, &h.Orders) })
	return &h, g.Wait()
}

func (b *backends) serveHome(timing string) echo.HandlerFunc {
	return func(c echo.Context) error {
		h, err := b.home(c.Request().Context(), timing, c.Param("id"))
		if err != nil {
			return echo.NewHTTPError(http.StatusBadGateway, err.Error())
		}
		return c.JSON(http.StatusOK, h)
	}
}

// serveCached keeps views for an hour, and for as long as nobody restarts it.
func (b *backends) serveCached() echo.HandlerFunc {
	type entry struct {
		view    *Home
		expires time.Time
	}
	var mu sync.RWMutex
	cache := map[string]entry{}
	return func(c echo.Context) error {
		id := c.Param("id")
		mu.RLock()
		e, ok := cache[id]
		mu.RUnlock()
		if !ok || time.Now().After(e.expires) {
			view, err := b.home(c.Request().Context(), "", id)
			if err != nil {
				return echo.NewHTTPError(http.StatusBadGateway, err.Error())
			}
			e = entry{view, time.Now().Add(time.Hour)}
			mu.Lock()
			cache[id] = e
			mu.Unlock()
		}
		return c.JSON(http.StatusOK, e.view)
	}
}

func (b *backends) serveProfile(c echo.Context) error {
	var p Profile
	var org, cart, address Small
	ctx := c.Request().Context()
	if err := b.get(ctx, 1, "/users/"+c.Param("id"), &p); err != nil {
		return echo.NewHTTPError(http.StatusBadGateway, err.Error())
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return b.get(ctx, 5, fmt.Sprintf("/orgs/%d", p.OrgID), &org) })
	g.Go(func() error { return b.get(ctx, 6, "/carts/"+p.CartID, &cart) })
	g.Go(func() error { return b.get(ctx, 7, fmt.Sprintf("/addresses/%d", p.AddressID), &address) })
	if err := g.Wait(); err != nil {
		return echo.NewHTTPError(http.StatusBadGateway, err.Error())
	}
	return c.JSON(http.StatusOK, map[string]any{"user": p, "org": org, "cart": cart, "address": address})
}

func (b *backends) servePage(c echo.Context) error {
	var p Page
	if err := b.get(c.Request().Context(), 1, "/pages/"+c.Param("kb")+"/"+c.Param("id"), &p); err != nil {
		return echo.NewHTTPError(http.StatusBadGateway, err.Error())
	}
	return c.JSON(http.StatusOK, &p)
}

func fanPath(n int) string { return fmt.Sprintf("/s7/%d/:id", n) }

func (b *backends) serveFan(n int) echo.HandlerFunc {
	return func(c echo.Context) error {
		items, id := make([]Item, n), c.Param("id")
		g, ctx := errgroup.WithContext(c.Request().Context())
		for i := range n {
			g.Go(func() error { return b.get(ctx, i+1, fmt.Sprintf("/item/%d/%s", i+1, id), &items[i]) })
		}
		if err := g.Wait(); err != nil {
			return echo.NewHTTPError(http.StatusBadGateway, err.Error())
		}
		out := make(map[string]Item, n)
		for i := range n {
			out[fmt.Sprintf("b%d", i+1)] = items[i]
		}
		return c.JSON(http.StatusOK, out)
	}
}
