"""How both databases are: indicators that are always in view, their details, and what banners say of it."""
