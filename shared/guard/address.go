package guard

import (
	"net"

	"github.com/labstack/echo/v4"
)

// ClientAddress finds the address of the client. X-Forwarded-For is believed of the
// trusted networks only, given in CIDR notation; without any, of nobody.
func ClientAddress(trusted []string) (echo.IPExtractor, error) {
	options, err := trust(trusted)
	if err != nil || len(trusted) == 0 {
		return echo.ExtractIPDirect(), err
	}
	return echo.ExtractIPFromXFFHeader(options...), nil
}

// ClientScheme finds out whether the client came by http or https. X-Forwarded-Proto is
// believed as in [ClientAddress].
func ClientScheme(trusted []string) (echo.SchemeExtractor, error) {
	options, err := trust(trusted)
	if err != nil || len(trusted) == 0 {
		return echo.ExtractSchemeDirect(), err
	}
	return echo.ExtractSchemeFromHeaders(options...), nil
}

// trust trusts the networks, and nobody for being near.
func trust(networks []string) ([]echo.TrustOption, error) {
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, cidr := range networks {
		_, network, err := net.ParseCIDR(cidr)
		if err != nil {
			return nil, err
		}
		options = append(options, echo.TrustIPRange(network))
	}
	return options, nil
}
