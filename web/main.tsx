import { render } from 'solid-js/web';
import { Routes } from './app/routes.tsx';
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/controls.css';
import './ui/styles/layout.css';
import './app/app.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
render(() => <Routes />, root);
