package idempotency_test

import (
	"context"
	"fmt"
	"time"

	"github.com/facet-bff/facet/shared/idempotency"
)

func Example() {
	records, ctx := idempotency.New(nil), context.Background()
	key := idempotency.Key{Endpoint: "POST /v1/orders", Issuer: "https://issuer.example", Subject: "u1", Key: "8e03978e"}
	for range 2 {
		claim, answer, err := records.Claim(ctx, key, idempotency.Fingerprint{1}, time.Minute)
		if claim != nil {
			fmt.Println("placed an order")
			_ = claim.Settle(ctx, &idempotency.Answer{Status: 201, Body: []byte("order 7")}, time.Hour)
			continue
		}
		fmt.Println("answered again:", answer.Status, string(answer.Body), err)
	}
	// Output:
	// placed an order
	// answered again: 201 order 7 <nil>
}
