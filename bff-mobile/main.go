// Command bff-mobile is the gateway of the shop's mobile apps.
package main

import "github.com/facet-bff/facet/shared/gateway"

func main() { gateway.Main(Gateway) }
