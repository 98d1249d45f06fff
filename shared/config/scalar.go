package config

import (
	"encoding"
	"math"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func (d *decoder) scalar(v reflect.Value, n *node, at place) bool {
	if v.Type() == duration {
		return d.duration(v, n, at)
	}
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		return d.text(u, n, at)
	}
	switch {
	case v.Kind() == reflect.String:
		return d.string(v, n, at)
	case v.Kind() == reflect.Bool:
		return d.bool(v, n, at)
	case v.CanFloat():
		return d.float(v, n, at)
	case at.bytes:
		return d.size(v, n, at)
	default:
		return d.integer(v, n, at)
	}
}

func (d *decoder) duration(v reflect.Value, n *node, at place) bool {
	const expected = "a duration such as 300ms"
	if n.kind != quotable && n.kind != untyped && n.kind != integer && n.kind != float {
		return d.mismatch(n, at, expected)
	}
	if realNumber.MatchString(n.text) {
		d.errs.add(n.pos, at.path, "expected %s, found a bare number: add a unit (ms, s, m or h)", expected)
		return false
	}
	value, err := time.ParseDuration(n.text)
	if err != nil {
		return d.mismatch(n, at, expected)
	}
	v.SetInt(int64(value))
	return true
}

// text leaves out what the type says of a secret, which might be the secret.
func (d *decoder) text(u encoding.TextUnmarshaler, n *node, at place) bool {
	if !n.scalar() {
		return d.mismatch(n, at, "a scalar")
	}
	err := u.UnmarshalText([]byte(n.text))
	switch {
	case err == nil:
		return true
	case at.secret:
		d.errs.add(n.pos, at.path, "is not valid")
	default:
		d.errs.add(n.pos, at.path, "is not valid: %v", err)
	}
	return false
}

func (d *decoder) string(v reflect.Value, n *node, at place) bool {
	switch n.kind {
	case quotable, untyped:
		v.SetString(n.text)
		return true
	case boolean, integer, float:
		d.errs.add(n.pos, at.path, "expected a string, found %s: put it in quotes", n.found())
		return false
	default:
		return d.mismatch(n, at, "a string")
	}
}

func (d *decoder) bool(v reflect.Value, n *node, at place) bool {
	text := strings.ToLower(n.text)
	if n.kind != boolean && n.kind != untyped || text != "true" && text != "false" {
		return d.mismatch(n, at, "true or false")
	}
	v.SetBool(text == "true")
	return true
}

func (d *decoder) float(v reflect.Value, n *node, at place) bool {
	if n.kind != float && n.kind != integer && n.kind != untyped {
		return d.mismatch(n, at, "a number")
	}
	value, err := strconv.ParseFloat(n.text, v.Type().Bits())
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		d.errs.add(n.pos, at.path, "expected a finite decimal number")
		return false
	}
	v.SetFloat(value)
	return true
}

func (d *decoder) integer(v reflect.Value, n *node, at place) bool {
	if n.kind != integer && n.kind != untyped {
		return d.mismatch(n, at, "an integer")
	}
	if legacyOctal.MatchString(n.text) {
		return d.mismatch(n, at, "an integer without leading zeros")
	}
	value, ok := new(big.Int).SetString(n.text, 0)
	if !ok {
		return d.mismatch(n, at, "an integer")
	}
	return d.setInteger(v, value, n, at)
}

// legacyOctal is 8 in YAML 1.1 and 10 in YAML 1.2: ask, and do not guess.
var legacyOctal = regexp.MustCompile(`^[-+]?0[0-9_]`)

var sizes = []struct {
	suffix string
	bytes  int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9},
}

func (d *decoder) size(v reflect.Value, n *node, at place) bool {
	text, factor := n.text, int64(1)
	for _, size := range sizes {
		if number, ok := strings.CutSuffix(n.text, size.suffix); ok {
			text, factor = strings.TrimSpace(number), size.bytes
		}
	}
	value, ok := new(big.Int).SetString(text, 10)
	if !ok || !n.scalar() {
		return d.mismatch(n, at, "a size such as 512KB, 4MiB or 1048576")
	}
	return d.setInteger(v, value.Mul(value, big.NewInt(factor)), n, at)
}

func (d *decoder) setInteger(v reflect.Value, value *big.Int, n *node, at place) bool {
	switch {
	case v.CanInt() && value.IsInt64() && !v.OverflowInt(value.Int64()):
		v.SetInt(value.Int64())
	case v.CanUint() && value.IsUint64() && !v.OverflowUint(value.Uint64()):
		v.SetUint(value.Uint64())
	case v.CanUint():
		d.errs.add(n.pos, at.path, "must be between 0 and %d", uint64(math.MaxUint64)>>(64-v.Type().Bits()))
		return false
	default:
		highest := int64(math.MaxInt64) >> (64 - v.Type().Bits())
		d.errs.add(n.pos, at.path, "must be between %d and %d", -highest-1, highest)
		return false
	}
	return true
}
