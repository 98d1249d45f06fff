// Command bff-admin is the gateway of the shop's support console.
package main

import "github.com/facet-bff/facet/shared/gateway"

func main() { gateway.Main(Gateway) }
