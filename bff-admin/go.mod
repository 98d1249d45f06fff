module github.com/facet-bff/facet/bff-admin

go 1.26.0

require (
	github.com/facet-bff/facet/compositions v0.0.0
	github.com/facet-bff/facet/shared v0.0.0
)

replace github.com/facet-bff/facet/shared => ../shared

replace github.com/facet-bff/facet/compositions => ../compositions
