traitwire::package!("shop.v1", go_package = "example.com/shop/v1");
