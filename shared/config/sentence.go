package config

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"
)

// sentences say what a rule wants. %s is the rule's parameter.
var sentences = map[string]string{
	"min": "must be at least %s", "gte": "must be at least %s",
	"max": "must be at most %s", "lte": "must be at most %s",
	"gt": "must be more than %s", "lt": "must be less than %s",
	"len": "must be exactly %s", "eq": "must be %s", "ne": "must not be %s",

	"gtfield": "must be more than %s", "gtefield": "must be at least %s",
	"ltfield": "must be less than %s", "ltefield": "must be at most %s",
	"eqfield": "must be the same as %s", "nefield": "must not be the same as %s",
	"required_with": "is required with %s", "required_without": "is required without %s",
	"required_if": "is required if %s", "required_unless": "is required unless %s",
	"excluded_with": "must not be given with %s", "excluded_without": "must not be given without %s",

	"oneof": "must be one of %s", "unique": "must not have anything twice",
	"startswith": "must start with %s", "endswith": "must end with %s",
	"contains": "must contain %s", "excludes": "must not contain %s",
	"lowercase": "must be in lower case", "alphanum": "must be letters and digits only",
	"url": "must be a valid URL", "uri": "must be a valid URI",
	"http_url": "must be a valid http or https URL", "https_url": "must be a valid https URL",
	"hostname": "must be a host name", "hostname_rfc1123": "must be a host name",
	"fqdn": "must be a fully qualified host name", "hostname_port": "must be host:port",
	"port": "must be a port", "ip": "must be an IP address", "cidr": "must be a CIDR, such as 10.0.0.0/8",
	"email": "must be an e-mail address", "uuid": "must be a UUID", "base64": "must be base64",
	"file": "must be an existing file", "dir": "must be an existing directory",
}

// Sentence is a broken rule in words, without the value that broke it. It lets whoever
// else validates speak as this package does.
func Sentence(rule validator.FieldError) string { return sentence(rule, nil, false) }

// sentence is a broken rule of a field of t in words, without the field's value. there
// says whether the key was given.
func sentence(rule validator.FieldError, t reflect.Type, there bool) string {
	if rule.Tag() == "required" {
		return required(rule.Kind(), there)
	}
	format, known := sentences[rule.Tag()]
	switch {
	case !known:
		return fmt.Sprintf("must satisfy the rule %q",
			strings.TrimSuffix(rule.Tag()+"="+rule.Param(), "="))
	case lengths[rule.Tag()]:
		return counted(format, rule.Param(), rule.Kind())
	case strings.Contains(format, "%s"):
		return fmt.Sprintf(format, parameter(rule, t))
	default:
		return format
	}
}

func required(kind reflect.Kind, there bool) string {
	switch {
	case !there:
		return "is required"
	case kind == reflect.String || kind == reflect.Slice || kind == reflect.Map:
		return "is required and must not be empty"
	default:
		return "is required and must not be zero"
	}
}

func parameter(rule validator.FieldError, t reflect.Type) string {
	tag, param := rule.Tag(), rule.Param()
	switch {
	case tag == "oneof":
		return strings.Join(strings.Fields(param), ", ")
	case tag == "required_if" || tag == "required_unless":
		name, value, _ := strings.Cut(param, " ")
		return keyNamed(t, name) + " is " + value
	case strings.HasSuffix(tag, "field") || strings.Contains(tag, "_with"):
		names := strings.Fields(param)
		for i, name := range names {
			names[i] = keyNamed(t, name)
		}
		return strings.Join(names, ", ")
	}
	return param
}

// lengths are the rules that mean the length of what has one.
var lengths = map[string]bool{
	"min": true, "max": true, "gte": true, "lte": true, "gt": true, "lt": true, "len": true,
}

func counted(format, param string, kind reflect.Kind) string {
	plural := "s"
	if param == "1" {
		plural = ""
	}
	switch kind {
	case reflect.String:
		return fmt.Sprintf(format, param+" character"+plural+" long")
	case reflect.Slice:
		return strings.Replace(fmt.Sprintf(format, param+" item"+plural), "be", "have", 1)
	case reflect.Map:
		return strings.Replace(fmt.Sprintf(format, param+" key"+plural), "be", "have", 1)
	default:
		return fmt.Sprintf(format, param)
	}
}

// keyNamed is the key of the Go field that a rule names.
func keyNamed(t reflect.Type, goName string) string {
	if t == nil {
		return goName
	}
	f, _ := t.FieldByName(goName)
	return cmp.Or(keyOf(f), goName)
}
