module github.com/facet-bff/facet/compositions

go 1.26.0

require github.com/facet-bff/facet/shared v0.0.0

require (
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/facet-bff/facet/shared => ../shared
