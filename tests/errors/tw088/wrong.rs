traitwire::package!(go_package = "example.com/shop/v1");
