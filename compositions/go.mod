module github.com/facet-bff/facet/compositions

go 1.26.0

require github.com/facet-bff/facet/shared v0.0.0

replace github.com/facet-bff/facet/shared => ../shared
