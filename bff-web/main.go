// Command bff-web is the gateway of the shop's web site.
package main

import "github.com/facet-bff/facet/shared/gateway"

func main() { gateway.Main(Gateway) }
